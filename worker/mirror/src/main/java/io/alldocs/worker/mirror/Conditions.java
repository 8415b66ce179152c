package io.alldocs.worker.mirror;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Conditional requests (RFC 9110 §13): whether the client already has the current response. */
final class Conditions {
    private Conditions() {}

    static boolean isUnchanged(HttpHeaders request, Response reply) {
        if (reply.status() != 200) {
            return false;
        }
        String tags = Accepts.list(request, HttpHeaderNames.IF_NONE_MATCH);
        if (tags != null) {
            return reply.etag() != null && matches(tags, reply.etag());
        }
        String since = request.get(HttpHeaderNames.IF_MODIFIED_SINCE);
        return since != null && reply.lastModified() != null && isNotAfter(reply.lastModified(), since);
    }

    private static boolean matches(String tags, String etag) {
        if (tags.equals(etag) || tags.strip().equals("*")) {
            return true;
        }
        int at = tags.indexOf(etag);
        // including the quotes, so that no tag matches a part of another; a preceding W/ does not matter
        return at >= 0;
    }

    private static boolean isNotAfter(@Nullable String modified, String since) {
        Optional<Instant> changed = modified == null ? Optional.empty() : HttpDate.parse(modified);
        Optional<Instant> known = HttpDate.parse(since);
        return changed.isPresent() && known.isPresent() && !changed.get().isAfter(known.get());
    }
}
