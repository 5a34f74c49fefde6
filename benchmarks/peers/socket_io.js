// socket.io as one would build the room with it: ioredis with auto-pipelining, the Redis adapter, a
// cookie that is checked at the handshake, and our own Function for a bet.
//
//   node socket_io.js PORT BANK_SOCKET LIVE_SOCKET SECRET FUNCTION
"use strict";
const { createServer } = require("http");
const { createAdapter } = require("@socket.io/redis-adapter");
const { Redis } = require("ioredis");
const jwt = require("jsonwebtoken");
const { Server } = require("socket.io");

const [port, bankSocket, liveSocket, secret, placeBets] = process.argv.slice(2);
const TICK_MS = 250;
const CLUB = "{c1}";
const bank = new Redis(bankSocket, { enableAutoPipelining: true });
const live = new Redis(liveSocket);
const server = createServer();
const io = new Server(server, {
  transports: ["websocket"],
  adapter: createAdapter(live, live.duplicate()),
});

const keysOf = (market) => [
  `${CLUB}:head`, `${CLUB}:wallets`, `${CLUB}:journal`, `${CLUB}:m:${market}`,
  `${CLUB}:m:${market}:positions`, `${CLUB}:m:${market}:bets`,
];
const changed = new Map();

function poolsOf(market, flat) {
  const held = {};
  for (let at = 0; at < flat.length; at += 2) held[flat[at]] = flat[at + 1];
  const outcomes = Object.keys(held).filter((name) => name.startsWith("pool:")).map((name) => ({
    id: Number(name.slice(5)), pool: Number(held[name]), bettors: Number(held[`heads:${name.slice(5)}`]),
  }));
  return { type: "pools", market, version: Number(held.version), bettors: Number(held.bettors), outcomes,
           now_ms: Date.now() };
}

async function place(socket, bet) {
  const reply = await bank.fcall(placeBets, 6, ...keysOf(bet.market), socket.data.room, bet.market,
    socket.data.user, bet.bet_id, bet.outcome, bet.stake, Date.now() + 5000, "");
  const answer = reply[2][0];
  if (answer[0] !== "accepted") {
    socket.emit("m", { type: "bet.refused", bet_id: bet.bet_id, market: bet.market, code: answer[1] });
    return;
  }
  const [outcome, stake, epoch, seq, at_ms, coins, position] = answer.slice(1, 8).map(Number);
  socket.emit("m", { type: "bet.accepted", bet_id: bet.bet_id, market: bet.market, outcome, stake, coins,
                     position, epoch, seq, at_ms, chain: answer[9] });
  changed.set(bet.market, [socket.data.room, reply[3]]);
}

io.use((socket, next) => {
  const token = /(?:^|; )access=([^;]+)/.exec(socket.handshake.headers.cookie || "");
  try {
    socket.data.user = jwt.verify(token[1], secret).user;
    next();
  } catch {
    next(new Error("forbidden"));
  }
});

io.on("connection", (socket) => {
  socket.on("m", async (message) => {
    if (message.type === "bet.place") return place(socket, message);
    if (message.type === "chat.say") {
      io.to(socket.data.room).emit("m", { type: "chat", id: String(Date.now()), user: socket.data.user,
                                          name: `P${socket.data.user}`, text: message.text,
                                          at_ms: Date.now() });
    } else if (message.type === "hello") {
      socket.data.room = String(socket.handshake.query.room);
      socket.join(socket.data.room);
      const coins = Number(await bank.hget(`${CLUB}:wallets`, String(socket.data.user)));
      socket.emit("m", { type: "welcome", coins, now_ms: Date.now() });
    }
  });
});

setInterval(() => {
  for (const [market, [room, flat]] of changed) io.local.to(room).emit("m", poolsOf(market, flat));
  changed.clear();
}, TICK_MS);
server.listen(Number(port), "127.0.0.1");
