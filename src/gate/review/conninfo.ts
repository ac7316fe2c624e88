/** The words of a libpq connection string, `key=value` or a URL. Secrets are left out: nobody here needs them. */
export function conninfoWords(text: string): Readonly<Record<string, string>> {
  const url = /^postgres(?:ql)?:\/\/(?:([^@/]*)@)?([^/:?]*)(?::(\d+))?(?:\/([^?]*))?/.exec(text)
  if (url !== null) {
    const [, login = '', host = '', port = '5432', dbname = ''] = url
    return { host, port, dbname, user: login.replace(/:.*$/, '') }
  }
  const words = [...text.matchAll(/(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S+))/g)]
  return Object.fromEntries(
    words
      .filter(([, key]) => key !== 'password')
      .map(([, key = '', quoted, bare = '']) => [key, (quoted ?? bare).replaceAll(/\\(.)/g, '$1')]),
  )
}
