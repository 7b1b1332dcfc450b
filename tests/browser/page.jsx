// A page that embeds the connect flow, as an application's own would: npm @apideck/react-vault as it is published.

import { Vault } from "@apideck/react-vault";
import "@apideck/components/dist/styles.css";
import "@apideck/react-vault/dist/styles.css";
import { createRoot } from "react-dom/client";

const { token, gateway } = await (await fetch(`/session${location.search}`)).json();

createRoot(document.getElementById("root")).render(
  <Vault token={token} unifyBaseUrl={gateway} unifiedApi="crm" open showAttribution={false} />,
);
