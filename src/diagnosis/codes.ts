/** What a failure's code says about who failed: data, and the few questions that are asked of it. */

/** System codes of Node.js and libuv, as drivers hand them on. */
const systemCodes = new Set(
  `EACCES EADDRINUSE EADDRNOTAVAIL EAI_AGAIN EAI_FAIL EAI_MEMORY EAI_NODATA EAI_NONAME EAI_SERVICE ECANCELED ECONNABORTED
  ECONNREFUSED ECONNRESET EHOSTDOWN EHOSTUNREACH EISCONN EMFILE ENETDOWN ENETRESET ENETUNREACH ENFILE ENOBUFS ENOENT ENOMEM
  ENOTCONN ENOTFOUND EPERM EPIPE EPROTO ESOCKETTIMEDOUT ETIMEDOUT
  CERT_HAS_EXPIRED CERT_NOT_YET_VALID DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN
  UNABLE_TO_GET_ISSUER_CERT UNABLE_TO_GET_ISSUER_CERT_LOCALLY UNABLE_TO_VERIFY_LEAF_SIGNATURE`.split(/\s+/),
)
/** The client's own words for a connection or an answer that did not come, and for TLS. */
const clientWords = ['CLIENT_', 'ERR_TLS_', 'ERR_SSL_', 'ERR_SOCKET_']

/** Five characters, one of them a digit: LOGIN and ERROR are words of an application. */
const isSqlstate = (code: string): boolean => /^(?=.*\d)[0-9A-Z]{5}$/.test(code)

/** The database's or the network's word, not the application's. */
export const isForeignCode = (code: string): boolean =>
  isSqlstate(code) || systemCodes.has(code) || clientWords.some((word) => code.startsWith(word))

/**
 * Classes of SQLSTATE (manual, appendix A) that no row gives, missing or old: connections, transactions, rights, names, resources,
 * operators, the server itself. The others are about data: 02, 20, 21, 22, 23, 44, P0.
 */
const classesWithoutRows = new Set(
  `01 03 08 09 0A 0B 0F 0L 0P 0Z 10 24 25 26 27 28 2B 2D 2F 34 38 39 3B 3D 3F 40 42 53 54 55 57 58 72 F0 HV XX`.split(
    ' ',
  ),
)

/** Can a row that is missing, old or another one make the application fail with this code? */
export function mayComeFromRows(code: string): boolean {
  if (isSqlstate(code)) return !classesWithoutRows.has(code.slice(0, 2))
  return !isForeignCode(code)
}

/** What a statement gets that meets another column than it was written for. */
export const codesOfDifference = {
  absent: ['42P01'],
  missing: ['42703'],
  type: ['42804', '42846', '42883', '22001', '22003', '22007', '22008', '22P02'],
  required: ['23502'],
  wider: [],
  constraint: [],
} as const satisfies Readonly<Record<string, readonly string[]>>

/**
 * Errors that a statement brings on by its own text and values: names, syntax, data. What the server lacks, refuses or has lost
 * is no such thing: connections, rights, resources, limits, locks, files.
 */
export const isOfStatement = (code: string): boolean => /^(?:0A|2[0-4]|26|34|42(?!501)|44|P0)/.test(code)
