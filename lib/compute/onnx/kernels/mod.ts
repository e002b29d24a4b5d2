import "./elementwise.ts";
import "./fill.ts";
import "./gelu.ts";
import "./lookup.ts";
import "./normalise.ts";
import "./products.ts";
import "./reduce.ts";
import "./shape.ts";
