/** Words in a column's name that speak of secrets or of people. */
const words = new Set(
  (
    'password passwd pwd passphrase secret token key apikey credential credentials auth salt hash pin otp cookie session signature ' +
    'email mail phone mobile fax telephone contact ' +
    'name firstname lastname surname username login nickname initials ' +
    'address street zip postcode postal city birth birthday birthdate dob gender sex religion ' +
    'ssn social iban bic swift account card cvv cvc tax vat passport licence license ip latitude longitude lat lng lon location ' +
    'note notes comment comments remark remarks message bio description body content subject useragent agent diagnosis'
  ).split(' '),
)

/** `userEmail`, `EMAIL_ADDRESS` and `e-mail` in words. */
const wordsOf = (column: string): readonly string[] =>
  column
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '')

/** Does a column, by its name, hold what nobody should see who looks at a copy? `user_id` does not, `users_email` does. */
export function looksPersonal(column: string): boolean {
  const named = wordsOf(column)
  // A key of a row is no key to a house.
  if (named.at(-1) === 'id' || named.at(-1) === 'at') return false
  const joined = named.map((word, n) => `${word}${named[n + 1] ?? ''}`)
  return [...named, ...joined].some((word) => words.has(word) || (word.endsWith('s') && words.has(word.slice(0, -1))))
}
