/** The proof of delivery: a simulated hour of every trouble at random, over many seeds; shard 1 of 4. */
import { proveShard } from "../support/delivery/seeds.ts";

proveShard(0);
