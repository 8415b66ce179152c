package io.alldocs.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestOptionsTest {

    @Test
    void with_eachOption_changesOnlyThatOption() {
        RequestOptions options = RequestOptions.of(CacheMode.RELOAD)
                .withHeader("X-Team", "a")
                .withTimeout(Duration.ofSeconds(3))
                .withHeader("x-team", "b")
                .withHeader("accept-language", "en");

        assertThat(options.mode()).isEqualTo(CacheMode.RELOAD);
        assertThat(options.timeout()).contains(Duration.ofSeconds(3));
        assertThat(options.headers()).hasSize(2).containsEntry("x-team", "b").containsEntry("accept-language", "en");
        assertThat(options.withMode(CacheMode.DEFAULT).headers()).isEqualTo(options.headers());
        assertThat(options.withHeaders(Map.of("x", "y")).headers()).containsOnly(Map.entry("x", "y"));
    }
}
