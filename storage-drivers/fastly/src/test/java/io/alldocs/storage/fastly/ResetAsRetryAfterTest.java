package io.alldocs.storage.fastly;

import static org.assertj.core.api.Assertions.assertThat;

import io.alldocs.http.ClientRequest;
import io.alldocs.http.ClientResponse;
import io.alldocs.http.HttpTransport;
import io.alldocs.http.Timeouts;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ResetAsRetryAfterTest {
    private static final String DATE = "Mon, 23 Jun 2025 19:41:18 GMT";
    private static final long SENT = Instant.parse("2025-06-23T19:41:18Z").getEpochSecond();

    @Test
    void reset_of429_becomesSecondsByFastlysClock() throws Exception {
        ClientResponse reply = reply(429, Map.of("date", DATE, "fastly-ratelimit-reset", Long.toString(SENT + 1234)));
        assertThat(reply.headers().firstValue("retry-after")).contains("1234");
        assertThat(reply.headers().firstValue("date")).contains(DATE);
        long soon = Instant.now().getEpochSecond() + 600;
        assertThat(reply(429, Map.of("fastly-ratelimit-reset", Long.toString(soon)))
                        .headers()
                        .firstValueAsLong("retry-after")
                        .orElseThrow())
                .isBetween(590L, 600L);
    }

    @Test
    void otherAnswers_areAsTheyWere() throws Exception {
        String later = Long.toString(SENT + 10);
        for (ClientResponse reply : List.of(
                reply(200, Map.of("date", DATE, "fastly-ratelimit-reset", later)),
                reply(503, Map.of("date", DATE, "fastly-ratelimit-reset", later)),
                reply(429, Map.of("date", DATE)),
                reply(429, Map.of("date", DATE, "fastly-ratelimit-reset", "soon")),
                reply(429, Map.of("date", DATE, "fastly-ratelimit-reset", Long.toString(SENT - 1))))) {
            assertThat(reply.headers().firstValue("retry-after"))
                    .as("%s", reply)
                    .isEmpty();
        }
        assertThat(reply(429, Map.of("date", DATE, "retry-after", "5", "fastly-ratelimit-reset", later))
                        .headers()
                        .allValues("retry-after"))
                .containsExactly("5");
    }

    private static ClientResponse reply(int status, Map<String, String> headers) throws Exception {
        HttpHeaders told = HttpHeaders.of(
                headers.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, each -> List.of(each.getValue()))),
                (name, value) -> true);
        HttpTransport wire = new HttpTransport() {
            @Override
            public ClientResponse send(ClientRequest call, Timeouts timeouts) throws IOException {
                return new ClientResponse(status, call.uri(), told, InputStream.nullInputStream(), OptionalLong.of(0));
            }

            @Override
            public void close() {}
        };
        try (HttpTransport transport = new ResetAsRetryAfter(wire)) {
            return transport.send(ClientRequest.get(URI.create("https://api.fastly.com/")), Timeouts.defaults());
        }
    }
}
