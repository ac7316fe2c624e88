/**
 * A value as people write it: quoted (SQL doubles the quote, JSON and shells escape it), or bare up to a separator. A bare `&`
 * ends it, because a URL's next parameter must stay readable; what such a password loses is hidden by the URL's own mask.
 */
const value = String.raw`(?:'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|\\.)*"|\\"(?:[^"\\]|\\[^"])*\\"|[^\s'"&;,)}\]]+)`

const masks: readonly (readonly [RegExp, string])[] = [
  // A URL's password reaches to the last @ before the host: passwords hold unescaped @ / : in real files. The lengths are
  // bounded, so that a long line without any URL costs linear time.
  [/(\b[a-z][a-z0-9+.-]{0,40}:\/\/[^\s:/@'"<>]{0,200}):[^\s'"<>]{1,2000}(?=@)/gi, '$1:***'],
  // libpq's keyword form, URL parameters, .env lines, JSON, command line options, SQL's `password 'x'`
  [
    new RegExp(
      String.raw`(?<![a-z])((?:(?:[\w-]{0,60}[_-]|pg|db|ssl)?(?:password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key)|[\w-]{0,60}[_-]pass)\\?["']?)(\s*(?:=>|:=|=|:)\s*)${value}`,
      'gi',
    ),
    '$1$2***',
  ],
  [/(--?(?:[\w-]{0,40}-)?(?:password|passwd|token|secret)\s+)(?!-)('[^']*'|"[^"]*"|[^\s'"]+)/gi, '$1***'],
  [/\b((?:encrypted\s+)?password\s+)(E?'(?:[^'\\]|''|\\.)*'|\$\$[\s\S]*?\$\$)/gi, '$1***'],
  [/(\bidentified\s+by\s+)('(?:[^'\\]|''|\\.)*')/gi, '$1***'],
  [/(\bauthorization\s*:\s*(?:bearer|basic)\s+)[^\s'"]+/gi, '$1***'],
  // What the server keeps in pg_authid
  [/SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+/g, 'SCRAM-SHA-256$***'],
  [/\bmd5[0-9a-f]{32}\b/g, 'md5***'],
  // A line of .pgpass
  [/^([^\s:#]{1,255}:(?:\d{1,5}|\*):[^\s:]{1,63}:[^\s:]{1,63}):\S+$/gm, '$1:***'],
  [/(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)[\s\S]*?(-----END [A-Z ]{0,40}PRIVATE KEY-----)/g, '$1***$2'],
]

/** Every mask needs one of these signs, but the one of 35 characters: most settings are one short word, and have none. */
const sign = /[\s:=$]/
const signless = 34

/** Masks passwords and their like. Every text that came from outside passes here before it reaches a message, log or bundle. */
export function redact(text: string): string {
  if (text.length <= signless && !sign.test(text)) return text
  return masks.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text)
}

const secretName = /(?:^|[_-])(?:password|passwd|passphrase|secret|token|pgpassword)$/i

/**
 * The same for a value that will be JSON: each text by itself, because a mask over finished JSON can break it; and whatever
 * stands under a name that says password. Numbers, booleans and null stay: they are no secrets, and results count on them.
 */
export function redactValue(value: unknown, name = ''): unknown {
  if (typeof value === 'string') return secretName.test(name) && value !== '' ? '***' : redact(value)
  if (Array.isArray(value)) return value.map((item: unknown) => redactValue(item, name))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, redactValue(item, key)]))
  return value
}
