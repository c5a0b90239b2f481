// Names in certificates, as a person reads them.

/** `CN=J. Jansen, O=Praktijk, C=NL` as `J. Jansen (Praktijk)`; what is written otherwise stays as it is. */
export function person(name: string): string {
  const parts = name.split(/, (?=[A-Za-z0-9.]+=)/);
  const value = (key: string) =>
    parts.find((one) => one.startsWith(`${key}=`))?.slice(key.length + 1);
  const [common, organisation] = [value('CN'), value('O')];
  if (common === undefined) return name;
  return organisation === undefined ? common : `${common} (${organisation})`;
}
