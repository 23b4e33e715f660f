/** The page that the agent serves: begins here. */
import { render } from "preact";
import { App } from "./app.ts";
import { html } from "./html.ts";

const place = document.getElementById("page")!;
place.replaceChildren();
render(html`<${App} />`, place);
