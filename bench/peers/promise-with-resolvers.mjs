// What some peers ask of Node.js 22 and later, for older ones. Says nothing where Node.js has it.

Promise.withResolvers ??= function withResolvers() {
  let resolve;
  let reject;
  const promise = new this((done, failed) => {
    resolve = done;
    reject = failed;
  });
  return { promise, resolve, reject };
};
