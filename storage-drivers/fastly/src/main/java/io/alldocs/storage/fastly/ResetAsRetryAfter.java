package io.alldocs.storage.fastly;

import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.Timeouts;
import io.alldocs.spi.HttpDates;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Translates Fastly's rate-limit header to standard HTTP. A 429 response gives the end of its hour in <a
 * href="https://www.fastly.com/documentation/reference/api/#rate-limiting">{@code Fastly-RateLimit-Reset}</a>, in epoch
 * seconds; the HTTP client expects {@code Retry-After}.
 */
final class ResetAsRetryAfter implements HttpTransport {
    private static final int TOO_MANY_REQUESTS = 429;
    private static final String RETRY_AFTER = "retry-after";

    private final HttpTransport transport;

    ResetAsRetryAfter(HttpTransport transport) {
        this.transport = transport;
    }

    @Override
    public ClientResponse send(ClientRequest call, Timeouts timeouts) throws IOException, InterruptedException {
        ClientResponse reply = transport.send(call, timeouts);
        if (reply.status() != TOO_MANY_REQUESTS
                || reply.headers().firstValue(RETRY_AFTER).isPresent()) {
            return reply;
        }
        Optional<Long> wait = wait(reply.headers());
        return wait.isEmpty()
                ? reply
                : new ClientResponse(
                        reply.status(),
                        reply.uri(),
                        with(reply.headers(), wait.get()),
                        reply.body(),
                        reply.contentLength());
    }

    /** Returns the wait in seconds, by Fastly's clock if it is known; empty if no wait is needed. */
    private static Optional<Long> wait(HttpHeaders headers) {
        return headers.firstValue("fastly-ratelimit-reset")
                .map(String::strip)
                .filter(text -> text.matches("\\d{1,12}"))
                .map(text -> Long.parseLong(text) - now(headers).getEpochSecond())
                .filter(seconds -> seconds > 0);
    }

    private static Instant now(HttpHeaders headers) {
        Instant here = Instant.now();
        return headers.firstValue("date")
                .flatMap(text -> HttpDates.parse(text, here))
                .orElse(here);
    }

    private static HttpHeaders with(HttpHeaders headers, long seconds) {
        Map<String, List<String>> all = new HashMap<>(headers.map());
        all.put(RETRY_AFTER, List.of(Long.toString(seconds)));
        return HttpHeaders.of(all, (name, value) -> true);
    }

    @Override
    public void close() {
        transport.close();
    }
}
