import "./elementwise.ts";
import "./fill.ts";
import "./lookup.ts";
import "./products.ts";
import "./reduce.ts";
import "./shape.ts";
