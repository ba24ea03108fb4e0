/** `Sun Nov  2 12:00:00 2026`: C's asctime(3), in local time; the form of the Date field. */
export function asctime(date: Date): string {
  const [weekday, month, day, year, time] = date.toString().split(" ");
  return `${weekday} ${month} ${String(Number(day)).padStart(2)} ${time} ${year}`;
}
