/**
 * A model card as Hugging Face's hub reads it: YAML for machines, then Markdown in a fixed order of sections.
 */
import { mdText, wrapped } from "../../markdown.ts";
import { type FrontMatter, frontMatterText } from "./front_matter.ts";

/** The sections of every card, in order. */
export const SECTIONS = [
  "Model",
  "Data",
  "Labels",
  "Licence",
  "Metrics",
  "Groups",
  "Limits",
  "Intended use",
  "Command",
  "Environment",
] as const;

/** The name of a section. */
export type Section = typeof SECTIONS[number];

/** A model card. */
export interface ModelCard {
  about: FrontMatter;
  /** The heading, as plain text. */
  title: string;
  /** One paragraph below it, as Markdown. */
  summary: string;
  /** The sections, as Markdown. */
  sections: Readonly<Record<Section, string>>;
}

/** Returns a card's text. */
export const cardText = ({ about, title, summary, sections }: ModelCard): string =>
  [
    frontMatterText(about),
    `# ${mdText(title)}`,
    wrapped(summary),
    ...SECTIONS.flatMap((name) => [`## ${name}`, sections[name]]),
  ].join("\n\n") + "\n";
