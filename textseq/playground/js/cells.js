// Recurrent cells: one step of each, one equation a line, as `textseq/nn/cells.py` has them.
//
// `W` has the weights under the names of `model.weights_by_name()`: W_xi (H, D), W_hi (H, H),
// b_i (1, H). `x` (B, D) is the input, `h` and `c` (B, H) the state before; what a step answers are
// its gates and its new state, under the names that its equations have. `say` keeps each of them.

export const CELLS = {
  // Elman (1990), "Finding Structure in Time".
  rnn: {
    states: ["h"],
    gates: [],
    step(tape, W, x, { h }, say, { activation = "tanh" } = {}) {
      const total = tape.add(tape.linear(x, W.W_xh), tape.linear(h, W.W_hh), W.b);
      return { h: say("h", activation === "relu" ? tape.relu(total) : tape.tanh(total)) };
    },
    equations: ({ activation = "tanh" } = {}) => [
      ["h", `h_t = \\${activation === "relu" ? "operatorname{relu}" : "tanh"}(W_{xh}\\,x_t + W_{hh}\\,h_{t-1} + b)`],
    ],
  },

  // Hochreiter & Schmidhuber (1997), "Long Short-Term Memory"; f: Gers et al. (2000).
  lstm: {
    states: ["h", "c"],
    gates: ["i", "f", "g", "o"],
    step(tape, W, x, { h, c }, say) {
      const i = say("i", tape.sigmoid(tape.add(tape.linear(x, W.W_xi), tape.linear(h, W.W_hi), W.b_i)));
      const f = say("f", tape.sigmoid(tape.add(tape.linear(x, W.W_xf), tape.linear(h, W.W_hf), W.b_f)));
      const g = say("g", tape.tanh(tape.add(tape.linear(x, W.W_xc), tape.linear(h, W.W_hc), W.b_c)));
      const o = say("o", tape.sigmoid(tape.add(tape.linear(x, W.W_xo), tape.linear(h, W.W_ho), W.b_o)));
      const next = say("c", tape.add(tape.multiply(f, c), tape.multiply(i, g)));
      return { h: say("h", tape.multiply(o, tape.tanh(next))), c: next };
    },
    equations: () => [
      ["i", "i_t = \\sigma(W_{xi}\\,x_t + W_{hi}\\,h_{t-1} + b_i)"],
      ["f", "f_t = \\sigma(W_{xf}\\,x_t + W_{hf}\\,h_{t-1} + b_f)"],
      ["g", "\\tilde c_t = \\tanh(W_{xc}\\,x_t + W_{hc}\\,h_{t-1} + b_c)"],
      ["o", "o_t = \\sigma(W_{xo}\\,x_t + W_{ho}\\,h_{t-1} + b_o)"],
      ["c", "c_t = f_t \\odot c_{t-1} + i_t \\odot \\tilde c_t"],
      ["h", "h_t = o_t \\odot \\tanh(c_t)"],
    ],
  },

  // Cho et al. (2014), "Learning Phrase Representations using RNN Encoder-Decoder", equations 5-8,
  // the reset gate behind the recurrent product.
  gru: {
    states: ["h"],
    gates: ["r", "z", "n"],
    step(tape, W, x, { h }, say) {
      const r = say("r", tape.sigmoid(tape.add(tape.linear(x, W.W_xr), tape.linear(h, W.W_hr), W.b_r)));
      const z = say("z", tape.sigmoid(tape.add(tape.linear(x, W.W_xz), tape.linear(h, W.W_hz), W.b_z)));
      const recurrent = tape.add(tape.linear(h, W.W_hn), W.b_hn);
      const n = say("n", tape.tanh(tape.add(tape.linear(x, W.W_xn), W.b_xn, tape.multiply(r, recurrent))));
      return { h: say("h", tape.add(tape.multiply(tape.scaled(z, -1, 1), n), tape.multiply(z, h))) };
    },
    equations: () => [
      ["r", "r_t = \\sigma(W_{xr}\\,x_t + W_{hr}\\,h_{t-1} + b_r)"],
      ["z", "z_t = \\sigma(W_{xz}\\,x_t + W_{hz}\\,h_{t-1} + b_z)"],
      ["n", "n_t = \\tanh(W_{xn}\\,x_t + b_{xn} + r_t \\odot (W_{hn}\\,h_{t-1} + b_{hn}))"],
      ["h", "h_t = (1 - z_t) \\odot n_t + z_t \\odot h_{t-1}"],
    ],
  },

  // van der Westhuizen & Lasenby (2018), "The unreasonable effectiveness of the forget gate",
  // section 3, with beta = 1.
  janet: {
    states: ["h"],
    gates: ["f", "g"],
    step(tape, W, x, { h }, say) {
      const s = tape.add(tape.linear(x, W.W_xf), tape.linear(h, W.W_hf), W.b_f);
      const f = say("f", tape.sigmoid(s));
      const g = say("g", tape.tanh(tape.add(tape.linear(x, W.W_xc), tape.linear(h, W.W_hc), W.b_c)));
      const fresh = tape.scaled(tape.sigmoid(tape.scaled(s, 1, -1)), -1, 1);
      return { h: say("h", tape.add(tape.multiply(f, h), tape.multiply(fresh, g))) };
    },
    equations: () => [
      ["f", "f_t = \\sigma(s_t),\\quad s_t = W_{xf}\\,x_t + W_{hf}\\,h_{t-1} + b_f"],
      ["g", "\\tilde c_t = \\tanh(W_{xc}\\,x_t + W_{hc}\\,h_{t-1} + b_c)"],
      ["h", "h_t = f_t \\odot h_{t-1} + (1 - \\sigma(s_t - 1)) \\odot \\tilde c_t"],
    ],
  },
};
