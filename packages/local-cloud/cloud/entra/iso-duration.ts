/** Minutes of an ISO 8601 duration in days, hours and minutes: `PT1H30M`, `P1D`, `P365D`; `undefined` for any other text. */
export function minutesOf(duration: string): number | undefined {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(duration);
  if (!match || /^P$|T$/.test(duration)) return undefined;
  const [days = 0, hours = 0, minutes = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return (days * 24 + hours) * 60 + minutes;
}
