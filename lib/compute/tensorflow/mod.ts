export { tensorflowEngine } from "./engine.ts";
export { PACKAGE_FOLDER, tensorflowIsSetUp } from "./package.ts";
export { setUpTensorflow } from "./setup.ts";
