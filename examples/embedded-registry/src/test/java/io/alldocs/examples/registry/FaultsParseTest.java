package io.alldocs.examples.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FaultsParseTest {
    @Test
    void parse_everySwitch_isTheFaultOfTheFactory() {
        assertThat(
                        Faults.parse(
                                "429=0.05, 429-retry-after=2, 503=0.01,503-retry-after=date:60,cut=0.01,cut-chunked,cut-gzip=1,"
                                        + "stall=0.1,stall-for=500ms,stall-body=.5,trickle=0.2,trickle-bytes-per-second=99,latency=20ms,"
                                        + "wrong-json=0.3,empty=0.1,html=0.2,other-json=0.3,page-cap=3000,drift=0.4,zero-offset,null-offset,"
                                        + "sequence-reset=7,no-304,stale=0.2,reset=0.1,packument.500=0.9,packument.500-times=3,packument.500-after=1"))
                .containsExactly(
                        Fault.tooManyRequests(0.05).retryAfter(Duration.ofSeconds(2)),
                        Fault.status(503, 0.01).retryAfterDate(Duration.ofSeconds(60)),
                        Fault.cut(0.01),
                        Fault.cutChunked(1),
                        Fault.cutGzip(1),
                        Fault.stall(0.1).lasting(Duration.ofMillis(500)),
                        Fault.stallBody(0.5),
                        Fault.trickle(0.2).bytesPerSecond(99),
                        Fault.latency(Duration.ofMillis(20)),
                        Fault.wrongJson(0.3),
                        Fault.emptyBody(0.1),
                        Fault.html(0.2),
                        Fault.otherJson(0.3),
                        Fault.pageCap(3000),
                        Fault.drift(0.4),
                        Fault.zeroOffset(),
                        Fault.nullOffset(),
                        Fault.sequenceResetAfter(7),
                        Fault.no304(),
                        Fault.stale(0.2),
                        Fault.reset(0.1),
                        Fault.status(500, 0.9).on(Endpoint.PACKUMENT).times(3).after(1));
    }

    @Test
    void parse_blank_isNoFault() {
        assertThat(Faults.parse(" , ")).isEmpty();
    }

    @Test
    void parse_optionBeforeItsFault_isTaken() {
        assertThat(Faults.parse("429-retry-after=0,429"))
                .containsExactly(Fault.tooManyRequests(1).retryAfter(Duration.ZERO));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nonsense=1|page-cap=ROWS",
                "429=2|rate from 0 to 1, but was given 2",
                "429=often|rate from 0 to 1, but was given often",
                "200=1|429, reset",
                "cut=NaN|but was given NaN",
                "page-cap=0|at least 1 row",
                "page-cap=many|whole number",
                "latency=20|20ms or 10s",
                "zero-offset=1|takes no value",
                "429-retry-after=3|needs the fault 429",
                "cut=1,cut-retry-after=3|no option retry-after",
                "elsewhere.429=1|packument.<switch>",
                "429,429-times=0|at least 1, but is 0"
            })
    void parse_wrongText_saysWhatIsWrong(String text, String part) {
        String expected = part.equals("429, reset") ? "a status from 400 to 599" : part;
        assertThatThrownBy(() -> Faults.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(expected);
    }
}
