package io.alldocs.worker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerInfoTest {
    private static final String SAFE = """
            # Server
            redis_version:7.2.4
            redis_mode:standalone

            # Memory
            maxmemory:0
            maxmemory_policy:noeviction
            # Persistence
            aof_enabled:1
            """.replace("\n", "\r\n");

    @Test
    void safeServer_hasNothingToSay() {
        ServerInfo info = new ServerInfo(SAFE);

        assertThat(info.unusable(false)).isEmpty();
        assertThat(info.warnings()).isEmpty();
        assertThat(info.isCluster()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.8.24", "5.0.14.1", "6.0.16", "6.1.240"})
    void oldVersion_isUnusable(String version) {
        assertThat(new ServerInfo(SAFE.replace("7.2.4", version)).unusable(false))
                .get()
                .asString()
                .contains(version)
                .contains("6.2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"6.2.0", "6.2.11", "7.0.15", "8.10.1", "10.0", "255.255.255", "unstable"})
    void newVersion_isUsable(String version) {
        assertThat(new ServerInfo(SAFE.replace("7.2.4", version)).unusable(false))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "noeviction,   1000000, false, false",
        "volatile-lru, 1000000, false, false",
        "allkeys-lru,  1000000, true,  true",
        "allkeys-lfu,  1000000, true,  true",
        "allkeys-random,     0, false, true"
    })
    void evictionPolicy_isUnusableWhenItMayThrowAwayWork(
            String policy, String limit, boolean unusable, boolean warned) {
        ServerInfo info =
                new ServerInfo(SAFE.replace("noeviction", policy).replace("maxmemory:0", "maxmemory:" + limit));

        assertThat(info.unusable(false).isPresent()).isEqualTo(unusable);
        assertThat(info.unusable(true)).isEmpty();
        assertThat(info.warnings().toString().contains(policy)).isEqualTo(warned);
    }

    @Test
    void noAppendOnlyFile_isSaid() {
        assertThat(new ServerInfo(SAFE.replace("aof_enabled:1", "aof_enabled:0")).warnings())
                .singleElement()
                .asString()
                .contains("append-only file");
    }

    @Test
    void whatTheServerDoesNotTell_isSaid() {
        ServerInfo info = new ServerInfo("# Server\r\nredis_mode:cluster\r\n");

        assertThat(info.unusable(false)).isEmpty();
        assertThat(info.isCluster()).isTrue();
        assertThat(info.warnings()).hasSize(3).allMatch(warning -> warning.contains("could not be checked"));
    }
}
