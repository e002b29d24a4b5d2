/** Writes completion scripts for shells from the tables of tasks and flags. */

/** A task with its flags. */
export interface Completed {
  name: string;
  description: string;
  flags: { flag: string; takesValue: boolean; choices: readonly string[]; description: string }[];
}

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** The script of each shell. It completes `deno task`, and leaves every other use of `deno` as it was. */
export const scripts: Record<Shell, (tasks: readonly Completed[]) => string> = { bash, zsh, fish };

/** Quotes text for a shell, on one line. */
const quote = (text: string) => `'${text.replaceAll("'", "’").replaceAll("\n", " ")}'`;

const cases = (tasks: readonly Completed[]) =>
  tasks.filter(({ flags }) => flags.length).map(({ name, flags }) =>
    `    ${name}) flags=${
      quote(flags.map(({ flag, takesValue }) => flag + (takesValue ? "=" : "")).join(" "))
    } ;;`
  );

const values = (tasks: readonly Completed[]) =>
  tasks.flatMap(({ name, flags }) =>
    flags.filter(({ choices }) => choices.length).map(({ flag, choices }) =>
      `    ${name}${flag}) values=${quote(choices.join(" "))} ;;`
    )
  );

/** Finds the words of a value after `=` or a space; any other word is a file. */
const shared = (tasks: readonly Completed[]) =>
  `  case "$task" in
${cases(tasks).join("\n")}
  esac
  case "$task$flag" in
${values(tasks).join("\n")}
  esac`;

function bash(tasks: readonly Completed[]): string {
  return `# Undertone's tasks, completed in bash.
_undertone_before=$(complete -p deno 2>/dev/null | sed -n 's/.* -F \\([^ ]*\\) .*/\\1/p')
[ "$_undertone_before" = _undertone ] && _undertone_before=
_undertone() {
  local word=\${COMP_WORDS[COMP_CWORD]} last=\${COMP_WORDS[COMP_CWORD-1]} task= flag= flags= values= i
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [ "\${COMP_WORDS[i]}" = task ]; then
      task=:
    elif [ "$task" = : ] && [[ \${COMP_WORDS[i]} != -* ]]; then
      task=\${COMP_WORDS[i]}
      break
    fi
  done
  if [ -z "$task" ]; then
    [ -n "$_undertone_before" ] && "$_undertone_before" "$@"
    return
  fi
  if [ "$task" = : ]; then
    COMPREPLY=($(compgen -W ${quote(tasks.map(({ name }) => name).join(" "))} -- "$word"))
    return
  fi
  # Bash splits --flag=value into three words.
  if [ "$word" = = ]; then flag=$last word=
  elif [ "$last" = = ]; then flag=\${COMP_WORDS[COMP_CWORD-2]}
  else flag=$last; fi
${shared(tasks)}
  if [ -n "$values" ]; then COMPREPLY=($(compgen -W "$values" -- "$word"))
  elif [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
    [[ \${COMPREPLY[0]} == *= ]] && compopt -o nospace
  else COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -o filenames -F _undertone deno`;
}

function zsh(tasks: readonly Completed[]): string {
  const described = tasks.map(({ name, description }) => quote(`${name}:${description}`)).join(" ");
  return `# Undertone's tasks, completed in zsh.
_undertone_before=\${_comps[deno]-}
[ "$_undertone_before" = _undertone ] && _undertone_before=
_undertone() {
  local word=\${words[CURRENT]} last=\${words[CURRENT-1]} task= flag= flags= values= i
  for ((i = 2; i < CURRENT; i++)); do
    if [ "\${words[i]}" = task ]; then
      task=:
    elif [ "$task" = : ] && [[ \${words[i]} != -* ]]; then
      task=\${words[i]}
      break
    fi
  done
  if [ -z "$task" ]; then
    [ -n "$_undertone_before" ] && "$_undertone_before" "$@"
    return
  fi
  if [ "$task" = : ]; then
    local -a tasks=(${described})
    _describe task tasks
    return
  fi
  if [[ $word == --*=* ]]; then flag=\${word%%=*}; compset -P '*='
  else flag=$last; fi
${shared(tasks)}
  if [ -n "$values" ]; then compadd -- \${=values}
  elif [[ $word == --*=* ]]; then _files
  elif [[ $word == -* ]]; then compadd -S '' -- \${=flags}
  else _files; fi
}
compdef _undertone deno`;
}

function fish(tasks: readonly Completed[]): string {
  const inTask = quote("__fish_seen_subcommand_from task");
  const lines = tasks.flatMap(({ name, description, flags }) => [
    `complete -c deno -n ${inTask} -f -a ${name} -d ${quote(description)}`,
    ...flags.map(({ flag, takesValue, choices, description: what }) => {
      const condition = quote(`__fish_seen_subcommand_from task; and __fish_seen_subcommand_from ${name}`);
      const value = choices.length ? ` -x -a ${quote(choices.join(" "))}` : takesValue ? " -r" : "";
      return `complete -c deno -n ${condition} -l ${flag.slice(2)}${value} -d ${quote(what)}`;
    }),
  ]);
  return ["# Undertone's tasks, completed in fish.", ...lines].join("\n");
}
