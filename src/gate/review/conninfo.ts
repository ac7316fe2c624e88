import { readConninfo } from '../../core/conninfo.ts'

/** The words of a libpq connection string, `key=value` or a URL. Secrets are left out: nobody here needs them. */
export function conninfoWords(text: string): Readonly<Record<string, string>> {
  const url = /^postgres(?:ql)?:\/\/(?:([^@/]*)@)?([^/:?]*)(?::(\d+))?(?:\/([^?]*))?/.exec(text)
  if (url !== null) {
    const [, login = '', host = '', port = '5432', dbname = ''] = url
    return { host, port, dbname, user: login.replace(/:.*$/, '') }
  }
  const { words } = readConninfo(text)
  return Object.fromEntries(
    words.filter(({ keyword }) => keyword !== 'password').map(({ keyword, value }) => [keyword, value]),
  )
}
