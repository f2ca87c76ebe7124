// A diagram on standard input -> {"type", "svg"} or {"error"} on standard output, as JSON.
//
// Drawn in a DOM that measures nothing: which boxes, words and arrows there are is real, where they stand is not.
import { JSDOM } from "jsdom";

const { window } = new JSDOM("<!doctype html><body></body>", { pretendToBeVisual: true });
globalThis.window = window;
for (const name of ["document", "Element", "HTMLElement", "SVGElement", "Node", "DOMParser", "XMLSerializer"]) {
  globalThis[name] = window[name];
}
window.SVGElement.prototype.getBBox = function () {
  return { x: 0, y: 0, width: 8 * this.textContent.length, height: 20 };
};

// After the DOM is there: the library looks for one when it is loaded.
const { default: mermaid } = await import("mermaid");
mermaid.initialize({ startOnLoad: false, securityLevel: "strict" });

let text = "";
for await (const chunk of process.stdin) text += chunk;
try {
  const { diagramType } = await mermaid.parse(text);
  const { svg } = await mermaid.render("diagram", text);
  console.log(JSON.stringify({ type: diagramType, svg }));
} catch (error) {
  console.log(JSON.stringify({ error: String(error.message ?? error) }));
}
