package io.alldocs.spi;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class SriHashTest {
    private static final byte[] TEXT = "hello".getBytes(StandardCharsets.UTF_8);

    @Property
    void sri_parsed_isTheSameHash(@ForAll SriHash.Algorithm algorithm, @ForAll byte[] bytes) {
        byte[] digest = algorithm.newDigest().digest(bytes);
        SriHash hash = SriHash.of(algorithm, digest);

        assertThat(SriHash.parse(hash.sri())).containsExactly(hash);
        assertThat(SriHash.ofHex(algorithm, hash.hex())).contains(hash);
        assertThat(hash.matches(digest)).isTrue();
        assertThat(hash.sri())
                .isEqualTo(algorithm.label() + "-" + Base64.getEncoder().encodeToString(digest));
        digest[0]++;
        assertThat(hash.matches(digest)).isFalse();
    }

    @Test
    void parse_unknownAlgorithmsOptionsAndWrongLengths_areIgnored() {
        SriHash sha1 = hash(SriHash.Algorithm.SHA1);
        SriHash sha512 = hash(SriHash.Algorithm.SHA512);
        String sri = "sha999-AAAA " + sha1.sri() + "?foo\t" + sha512.sri() + "  sha256-AAAA sha256-%% -AAAA sha1";

        assertThat(SriHash.parse(sri)).containsExactly(sha1, sha512);
        assertThat(SriHash.strongest(sri)).contains(sha512);
        assertThat(SriHash.parse("")).isEmpty();
        assertThat(SriHash.strongest("sha999-AAAA")).isEmpty();
    }

    @Test
    void strongestAlgorithm_ofADamagedHash_isNotWeakened() {
        String sri = "sha512-%% " + hash(SriHash.Algorithm.SHA1).sri();

        assertThat(SriHash.strongestAlgorithm(sri)).contains(SriHash.Algorithm.SHA512);
        assertThat(SriHash.parse(sri)).extracting(SriHash::algorithm).isEqualTo(List.of(SriHash.Algorithm.SHA1));
        assertThat(SriHash.strongestAlgorithm("sha999-AAAA")).isEmpty();
    }

    @Test
    void ofHex_otherText_isEmpty() {
        String hex = hash(SriHash.Algorithm.SHA1).hex();

        assertThat(SriHash.ofHex(SriHash.Algorithm.SHA256, hex)).isEmpty();
        assertThat(SriHash.ofHex(SriHash.Algorithm.SHA1, hex.substring(1) + "g"))
                .isEmpty();
        assertThat(SriHash.ofHex(SriHash.Algorithm.SHA1, hex.replaceFirst("[a-f]", "A")))
                .isEmpty();
    }

    private static SriHash hash(SriHash.Algorithm algorithm) {
        return SriHash.of(algorithm, algorithm.newDigest().digest(TEXT));
    }
}
