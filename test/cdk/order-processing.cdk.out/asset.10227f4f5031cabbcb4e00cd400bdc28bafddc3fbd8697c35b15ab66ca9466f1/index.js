"use strict";
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

// functions/charge-customer/charge-customer.ts
var charge_customer_exports = {};
__export(charge_customer_exports, {
  PaymentError: () => PaymentError,
  ProviderUnavailable: () => ProviderUnavailable,
  charge: () => charge,
  handler: () => handler
});
module.exports = __toCommonJS(charge_customer_exports);
var import_node_crypto = require("node:crypto");
var PaymentError = class extends Error {
  name = "PaymentError";
};
var ProviderUnavailable = class extends Error {
  name = "ProviderUnavailable";
};
var declinedCards = /* @__PURE__ */ new Map([
  ["4000000000000002", "The card was declined."],
  ["4000000000009995", "The card was declined: insufficient funds."]
]);
var unreachableProviderCards = /* @__PURE__ */ new Set(["4000000000000341"]);
var chaosDeclined = 0.25;
function charge(request, mode) {
  const number = request.paymentDetails.cardNumber.replace(/[ -]/g, "");
  if (unreachableProviderCards.has(number)) throw new ProviderUnavailable("The payment provider does not answer.");
  const decline = declinedCards.get(number);
  if (decline !== void 0) throw new PaymentError(decline);
  const digest = (0, import_node_crypto.createHash)("sha256").update(request.idempotencyKey).digest("hex");
  if (mode.chaos && Number.parseInt(digest.slice(0, 8), 16) / 2 ** 32 < chaosDeclined) {
    throw new PaymentError("The card was declined (chaos is on: one in four is declined).");
  }
  return { chargeId: `ch_${digest.slice(8, 32)}`, amount: request.amount };
}
async function handler(event) {
  return charge(event, { chaos: process.env.CHAOS === "true" });
}
// Annotate the CommonJS export names for ESM import in node:
0 && (module.exports = {
  PaymentError,
  ProviderUnavailable,
  charge,
  handler
});
