/** Tests against a server that answers as the Worker does, and against the Worker itself in Cloudflare's runtime. */
@NullMarked
package io.alldocs.worker.cloudflare;

import org.jspecify.annotations.NullMarked;
