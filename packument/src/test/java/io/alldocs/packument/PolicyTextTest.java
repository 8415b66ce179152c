package io.alldocs.packument;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTextTest {

    @Test
    void parse_everyKey_isThePolicyFromCode() {
        VersionPolicy policy = VersionPolicy.parse("""
                # what may be installed
                min-age: 7d   # a week
                min-age-exclude:
                  - "@acme/*"
                  - lodash@4.17.21 || 4.17.20
                before: 2026-11-01
                before-exclude: 'b'
                unknown-age: allow

                block: event-stream@3.3.6
                block:
                - a@<1 || >=2 <3
                allow: react@^18 || ^19
                deprecated: refuse
                deprecated-exclude: c
                install-scripts: Refuse
                install-scripts-exclude: esbuild
                lost-provenance: refuse
                lost-provenance-exclude: d@1.0.0
                """);

        VersionPolicy fromCode = VersionPolicy.builder()
                .minAge(Duration.ofDays(7))
                .except(VersionRule.MIN_AGE, "@acme/*")
                .except(VersionRule.MIN_AGE, "lodash@4.17.21 || 4.17.20")
                .before(Instant.parse("2026-11-01T00:00:00Z"))
                .except(VersionRule.BEFORE, "b")
                .allowUnknownAge()
                .block("event-stream@3.3.6")
                .block("a@<1 || >=2 <3")
                .allow("react@^18 || ^19")
                .refuseDeprecated()
                .except(VersionRule.DEPRECATED, "c")
                .refuseInstallScripts()
                .except(VersionRule.INSTALL_SCRIPTS, "esbuild")
                .refuseLostProvenance()
                .except(VersionRule.LOST_PROVENANCE, "d@1.0.0")
                .build();
        assertThat(policy).hasToString(fromCode.toString());
        assertThat(VersionPolicy.parse(policy.toString())).hasToString(policy.toString());
    }

    @ParameterizedTest
    @CsvSource({
        "7d, PT168H",
        "7 d, PT168H",
        "2w, PT336H",
        "36h, PT36H",
        "90m, PT1H30M",
        "P7D, PT168H",
        "PT36H, PT36H",
        "P1DT12H, PT36H",
        "P1W, PT168H",
        "P1M, PT720H"
    })
    void parse_age_takesUnitsAndIso(String written, Duration age) {
        assertThat(VersionPolicy.parse("min-age: " + written).revision())
                .isEqualTo(VersionPolicy.builder().minAge(age).build().revision());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "min-age: 7",
                "min-age: 0d",
                "min-age: -7d",
                "min-age: P-7D",
                "min-age: seven days",
                "min-age:",
                "min-age: P99999999999999D",
                "min-age: 7d\nmin-age: 8d",
                "before: yesterday",
                "before: 2026-11-01T12:00",
                "unknown-age: maybe\nmin-age: 7d",
                "block: foo@latest",
                "block: foo@",
                "block: foo bar/baz",
                "allow: @",
                "min-age-exclude: foo@^1",
                "unknown-age-exclude: foo",
                "block-exclude: foo",
                "minage: 7d",
                "- foo",
                "min-age: 7d\n- foo",
                "min-age 7d",
                "{\"min-age\": \"7d\"}"
            })
    void parse_whatIsNoPolicy_isRefusedWithTheLine(String text) {
        int line = text.contains("\n") && !text.startsWith("unknown-age") ? 2 : 1;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VersionPolicy.parse(text))
                .withMessageStartingWith("line " + line + ": ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "\n# nothing\n", "unknown-age: refuse", "deprecated: allow", "min-age-exclude: foo", "block:"
            })
    void parse_withoutARule_isRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> VersionPolicy.parse(text))
                .withMessageContaining("it has no rule");
    }
}
