// Shows one of this gateway's own OpenAPI documents: /docs the CRM API's, /docs/connector the Connector API's, /docs/vault the Vault API's. Nothing here may ask another host for anything.
SwaggerUIBundle({
  url: location.pathname === "/docs" ? "/openapi.json" : `/openapi/${location.pathname.split("/")[2]}.json`,
  dom_id: "#documentation",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  filter: true,
  // The button is there; a request is sent only by a reader who asks for one.
  tryItOutEnabled: false,
  persistAuthorization: false,
  // Swagger's public validator would be told the address of every private gateway.
  validatorUrl: null,
});
