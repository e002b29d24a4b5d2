import "./elementwise.ts";
import "./products.ts";
import "./reduce.ts";
import "./shape.ts";
