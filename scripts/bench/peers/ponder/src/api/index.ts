// Ponder wants an API; nobody asks it anything here.
import { Hono } from "hono";

export default new Hono();
