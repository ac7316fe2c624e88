export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`
export const qualified = (schema: string, name: string): string => `${identifier(schema)}.${identifier(name)}`

/** Of a type that the server infers; E'…' because a backslash means something else in an old setting. */
export const literal = (text: string): string =>
  text.includes('\\') ? `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'` : `'${text.replaceAll("'", "''")}'`
