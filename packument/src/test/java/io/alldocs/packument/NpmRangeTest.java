package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpmRangeTest {

    private static boolean accepts(String range, String version, boolean includePrereleases) {
        return NpmRange.parse(range, includePrereleases)
                .accepts(NpmVersion.parse(version).orElseThrow());
    }

    @ParameterizedTest
    @CsvSource({
        "^1.2.3, 1.9.0, true, true",
        "^1.2.3, 2.0.0-rc.1, false, false",
        "<2.0.0, 2.0.0-rc.1, false, true",
        "^1.2.3-beta.2, 1.2.3-beta.10, true, true",
        "^1.2.3-beta.2, 1.2.4-beta.3, false, true",
        "1.x || >=3.0.0 <3.2, 3.1.9, true, true",
        "1.0.0 - 1.4, 1.4.9, true, true",
        "~0.1, 0.2.0, false, false",
        "*, 1.0.0-alpha, false, true",
        "'', 1.0.0, true, true",
        "'2 || ', 1.0.0, true, true",
        "=v1.2.3, 1.2.3+build, true, true",
        "^0.0.0-0c756fb-697f004, 0.0.0-experimental-540efebc-20250112, true, true",
        ">=1.0.0-20240101123456789012, 1.0.0-20240101123456789013, true, true",
        ">=1.0.0-beta2, 1.0.0-beta10, false, false"
    })
    void accepts_asNpmsSemverDoes(String range, String version, boolean installs, boolean withPrereleases) {
        assertThat(accepts(range, version, false)).isEqualTo(installs);
        assertThat(accepts(range, version, true)).isEqualTo(withPrereleases);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"latest", "next", "git+https://host/x.git", "npm:other@1", "1.2.3.4", ">", "1.x.y", "workspace:*"
            })
    void parse_whatIsNoRange_isRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NpmRange.parse(text, false))
                .withMessageContaining(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1  ", "=1 ", " = v 1\t", ">= 1 - ", "1.0.0-a.b ", "1.0.0+a "})
    @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void parse_manyPartsAndThenNone_isRefusedAtOnce(String part) {
        assertThatIllegalArgumentException().isThrownBy(() -> NpmRange.parse(part.repeat(60) + "!", false));
        assertThat(NpmVersion.parse(part.repeat(80) + "!")).isEmpty();
    }

    @Test
    void compareTo_ordersAsSemanticVersioningDoes() {
        assertThat(Stream.of(
                                "1.0.0-1",
                                "1.0.0-2",
                                "1.0.0-10",
                                "1.0.0--",
                                "1.0.0-A",
                                "1.0.0-a",
                                "1.0.0-a.9",
                                "1.0.0-a.10",
                                "1.0.0-a.b",
                                "1.0.0",
                                "99999999999.0.0")
                        .map(NpmVersion::parse)
                        .map(java.util.Optional::orElseThrow))
                .isSorted();
    }

    @Test
    void parse_looseVersions_areReadAsNpmsInstallerDoes() {
        assertThat(NpmVersion.parse("1.2.3beta").orElseThrow()).hasToString("1.2.3-beta");
        assertThat(NpmVersion.parse(" v01.2.3-01+b ").orElseThrow().patch()).isEqualTo(3);
        assertThat(NpmVersion.parse("1.2")).isEmpty();
        assertThat(NpmVersion.parse("1.2.3.4")).isEmpty();
        assertThat(NpmVersion.parse("9007199254740992.0.0")).isEmpty();
        assertThat(NpmVersion.parse("1.0.0-" + "a".repeat(300))).isEmpty();
    }
}
