/** An instance of the application is named by its settings file: `web.env` is `web`; a dot file has its folder's name. */
export function instanceOf(file: string): string {
  const parts = file.split('/').filter((part) => part !== '' && part !== '.')
  const base = parts.at(-1) ?? file
  if (base.startsWith('.')) return parts.at(-2) ?? base
  return base.replace(/\.[^.]+$/, '')
}
