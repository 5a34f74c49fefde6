/** The page of the API: all calls of the schema, to read and to try out as who is signed in here. */

import { csrfToken } from "./session.js";

/** Send an unsafe call as our own pages do. */
async function withToken(request) {
  if (request.method !== "GET") request.headers["X-CSRFToken"] = await csrfToken();
  return request;
}

globalThis.SwaggerUIBundle({
  url: "/api/v1/schema/?format=json",
  dom_id: "#calls",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  // No stranger's service is asked whether the schema is valid.
  validatorUrl: "none",
  requestInterceptor: withToken,
});
