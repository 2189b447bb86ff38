// The Collectors' counters at the start are to be noted before anything is sent. Sending needs no ledger, though: after two minutes
// it begins without one.
// Process 1 ends at no signal that it has not asked for.
process.on("SIGTERM", () => process.exit(143));

const url = "http://ledger:4330/healthz";
const end = Date.now() + 120_000;

const isReady = () =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );

while (!(await isReady())) {
  if (Date.now() > end) {
    console.error(`${url} is not ready: going on without it`);
    break;
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
}
