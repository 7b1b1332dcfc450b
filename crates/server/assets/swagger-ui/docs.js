// Shows one of this gateway's own OpenAPI documents: /docs the CRM API's, /docs/connector the Connector API's. Nothing here may ask another host for anything.
SwaggerUIBundle({
  url: location.pathname.startsWith("/docs/connector") ? "/openapi/connector.json" : "/openapi.json",
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
