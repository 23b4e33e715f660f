/** A UNIX socket as a port of this machine, as `ssh -L` makes it. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** Makes a UNIX socket a port of this machine, as `ssh -L` does. */
export async function forward(
  path: string,
  port = 0,
): Promise<{ url: string; close(): Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const socket = connect(path);
    for (const each of [client, socket]) {
      open.add(each);
      each.on("error", () => undefined);
      each.on("close", () => {
        open.delete(each);
        client.destroy();
        socket.destroy();
      });
    }
    client.pipe(socket).pipe(client);
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    async close() {
      for (const each of open) each.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
