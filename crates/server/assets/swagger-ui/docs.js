// Shows this gateway's own OpenAPI document. Nothing here may ask another host for anything.
SwaggerUIBundle({
  url: "/openapi.json",
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
