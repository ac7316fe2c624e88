/** The names in `schema.table` as a report writes them: quoted where they must be. */
export function tableNameOf(text: string): { readonly schema: string; readonly table: string } {
  const [schema = '', table = ''] = [...text.matchAll(/"((?:[^"]|"")*)"|([^".]+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  )
  return { schema, table }
}
