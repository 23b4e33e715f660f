/** What the bundle has of undici, put together as undici's own index does it. */
import api from "undici/lib/api/index.js";
import Dispatcher from "undici/lib/dispatcher/dispatcher.js";

Object.assign(Dispatcher.prototype, api);

export { default as Pool } from "undici/lib/dispatcher/pool.js";
