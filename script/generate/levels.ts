import { layers } from '../../test/layers.ts'

/** The level table of docs/architecture.md, from the data that the test holds the code to. */
export function levelTable(): string {
  const lines = layers.map(({ level, folder, what, mayImport, packages, shell }) => {
    const packaged = packages.map((name) => `\`${name}\``).join(' ')
    return `| ${level} | \`${folder}\` | ${what} | ${importsOf(level, mayImport)} | ${packaged} | ${shell ? 'shell' : 'pure'} |`
  })
  return ['| # | folder | what | may import | packages | |', '|---|---|---|---|---|---|', ...lines].join('\n')
}

function importsOf(level: number, mayImport: readonly string[]): string {
  const below = layers.filter((layer) => layer.level < level)
  if (below.length > 2 && below.every(({ folder }) => mayImport.includes(folder))) return 'everything below'
  return mayImport.length > 0 ? mayImport.join(', ') : 'nothing'
}
