import type { Layer } from '../core/facts/cluster.ts'

/** Which layer of a connection an application's failing code speaks of: data, and the questions that are asked of it. */

/** One code may come from several layers: `28000` is an access rule's and a login right's. The client's own words say little. */
const codesOf: Readonly<Record<Layer, RegExp>> = {
  dns: /^(?:ENOTFOUND|EAI_\w+)$/,
  tcp: /^(?:ECONN\w+|EHOST\w+|ENET\w+|EPIPE|ETIMEDOUT|ESOCKETTIMEDOUT|ENOENT|EACCES|08\w{3}|57P0[12]|CLIENT_(?:TIMEOUT|DEADLINE|CLOSED|OTHER))$/,
  tls: /^(?:ERR_TLS_\w+|ERR_SSL_\w+|CERT_\w+|SELF_SIGNED_\w+|DEPTH_ZERO_\w+|UNABLE_TO_\w+|EPROTO|CLIENT_OTHER)$/,
  access: /^28000$/,
  auth: /^(?:28000|28P01|CLIENT_OTHER)$/,
  database: /^(?:3D000|55000|42501|57P03)$/,
  capacity: /^(?:53300|08P01|CLIENT_TIMEOUT|CLIENT_DEADLINE)$/,
  role: /^(?:25006|42501|57014)$/,
  query: /^(?:42P01|42703|42883|3F000|42704|55P03)$/,
  latency: /^(?:57014|CLIENT_TIMEOUT|CLIENT_DEADLINE|ETIMEDOUT|ESOCKETTIMEDOUT)$/,
  data: /^(?!)/,
  stale: /^(?!)/,
}

/** Can a failure in this layer reach the application as this code? */
export const mayComeFrom =
  (layer: Layer) =>
  (code: string): boolean =>
    codesOf[layer].test(code)

/** Nothing came back, or the connection was ended: a server that is gone, or a path that is cut. */
export const isLost = (code: string): boolean =>
  /^57P03$/.test(code) || codesOf.tcp.test(code) || codesOf.dns.test(code)

/** It took too long for the client, or for the session's own limit. */
export const isLate = (code: string): boolean => codesOf.latency.test(code)
