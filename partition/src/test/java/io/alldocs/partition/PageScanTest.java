package io.alldocs.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.spi.KeyOrder;
import io.alldocs.partition.PartitionTest.Samples;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageScanTest {
    private static PageScan scan(String json) throws IOException {
        return PageScan.of(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void of_page_countsAndFindsItsEnds() throws IOException {
        PageScan scan =
                scan("{\"total_rows\":9,\"offset\":6,\"rows\":[{\"id\":\"_design/x\",\"value\":{\"rev\":\"1\"}},"
                        + "{\"id\":\"a\",\"key\":\"a\"},{\"key\":\"é\",\"id\":\"é\"}]}");

        assertThat(scan.rawRows()).isEqualTo(3);
        assertThat(scan.designDocuments()).isEqualTo(1);
        assertThat(scan.names()).isEqualTo(2);
        assertThat(scan.first()).isEqualTo("_design/x");
        assertThat(scan.last()).isEqualTo("é");
        assertThat(scan.offset()).isEqualTo(OptionalLong.of(6));
        assertThat(scan.totalRows()).isEqualTo(OptionalLong.of(9));
        assertThat(scan.countsToTheEnd()).isTrue();
    }

    @Test
    void of_tail_isTheLastRowWithItsComma() throws IOException {
        String json = "{\"rows\": [ {\"id\":\"é\"} ,\n{\"id\":\"\uD83D\uDE00\"} ]}";
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        PageScan scan = scan(json);

        String cut = new String(bytes, 0, (int) scan.tailFrom(), StandardCharsets.UTF_8)
                + new String(bytes, (int) scan.tailTo(), bytes.length - (int) scan.tailTo(), StandardCharsets.UTF_8);

        assertThat(cut).isEqualTo("{\"rows\": [ {\"id\":\"é\"} ]}");
    }

    @Test
    void of_tailOfOneRow_leavesAnEmptyArray() throws IOException {
        String json = "{\"rows\":[{\"id\":\"a\",\"value\":{\"rev\":\"1\"}}],\"x\":1}";
        PageScan scan = scan(json);

        assertThat(json.substring(0, (int) scan.tailFrom()) + json.substring((int) scan.tailTo()))
                .isEqualTo("{\"rows\":[],\"x\":1}");
        assertThat(scan.withoutLast().names()).isZero();
    }

    @Test
    void of_emptyPage_hasNoEnds() throws IOException {
        PageScan scan = scan("{\"total_rows\":0,\"offset\":null,\"rows\":[]}");

        assertThat(scan.first()).isNull();
        assertThat(scan.last()).isNull();
        assertThat(scan.offset()).isEmpty();
        assertThat(scan.countsToTheEnd()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "\"rows\"",
                "{}",
                "{\"error\":\"x\"}",
                "{\"rows\":null}",
                "{\"rows\":{}}",
                "{\"rows\":[1]}",
                "{\"rows\":[{}]}",
                "{\"rows\":[{\"id\":1}]}",
                "{\"rows\":[{\"id\":\"\"}]}",
                "{\"rows\":[{\"key\":\"a\",\"error\":\"not_found\"}]}",
                "{\"rows\":[{\"id\":\"b\"},{\"id\":\"a\"}]}",
                "{\"rows\":[{\"id\":\"a\"},{\"id\":\"a\"}]}",
                "{\"rows\":[{\"id\":\"\\ud83d\\ude00\"},{\"id\":\"\\ue000\"}]}",
                "{\"rows\":[{\"id\":\"\\ud83d\"}]}",
                "{\"rows\":[{\"id\":\"a\"}",
                "{\"rows\":[{\"id\":\"a\"}]",
                "{\"rows\":[]}{\"rows\":[]}",
                "{\"rows\":[],\"rows\":[]}",
                "{\"rows\":[{\"id\":\"a\"},]}",
                "<html></html>"
            })
    void of_anythingElse_isMalformed(String json) {
        assertThatThrownBy(() -> scan(json)).isInstanceOf(MalformedAnswerException.class);
    }

    @Property(tries = 500)
    void idBuffer_anyTwoIds_areOrderedAsTheirBytes(@ForAll("ids") String a, @ForAll("ids") String b) {
        IdBuffer buffer = new IdBuffer();
        assertThat(buffer.set(a.toCharArray(), 0, a.length())).isTrue();

        assertThat(Integer.signum(buffer.compareTo(b.toCharArray(), 0, b.length())))
                .isEqualTo(Integer.signum(KeyOrder.UTF8.compare(a, b)));
    }

    @Provide
    Arbitrary<String> ids() {
        return Samples.ids();
    }
}
