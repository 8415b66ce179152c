/** Tests against a fake of the Worker, and against the Worker itself in Cloudflare's runtime. */
@NullMarked
package io.alldocs.worker.cloudflare;

import org.jspecify.annotations.NullMarked;
