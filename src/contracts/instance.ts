/** Every application of a framework has a file of this name; it is told by the folder of the application. */
const givenNames = /^(?:database\.ya?ml|wp-config\.php|appsettings(?:\.\w+)?\.json|application(?:-\w+)?\.properties)$/i
/** Folders within an application. */
const inside: ReadonlySet<string> = new Set(['config', 'conf', 'src', 'main', 'resources'])

/** An instance of the application is named by its settings file: `web.env` is `web`; a dot file has its folder's name. */
export function instanceOf(file: string): string {
  const parts = file.split('/').filter((part) => part !== '' && part !== '.')
  const base = parts.at(-1) ?? file
  if (givenNames.test(base)) return parts.slice(0, -1).findLast((part) => !inside.has(part)) ?? base
  if (base.startsWith('.')) return parts.at(-2) ?? base
  return base.replace(/\.[^.]+$/, '')
}
