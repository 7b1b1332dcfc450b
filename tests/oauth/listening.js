// Servers of a test: on any free port of loopback, and gone when the test is.

/** Listens; where, and how to end it with every connection that is still open. */
export async function listen(server) {
  await new Promise((resolve, reject) => server.once("error", reject).listen(0, "127.0.0.1", resolve));
  const stop = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return { address: `http://127.0.0.1:${server.address().port}`, stop };
}
