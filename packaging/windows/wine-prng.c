/* Debian's wine 8.0 has no bcryptprimitives.dll, of which Rust's standard library wants one call.
 * scripts/check-windows builds this in its place, into its own wine folder; Windows has the real one,
 * and no package holds this. */
#include <windows.h>

/* RtlGenRandom of Microsoft's ntsecapi.h; wine takes its bytes from the kernel. */
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG length);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T length)
{
    while (length > 0) {
        ULONG part = length > 0x10000 ? 0x10000 : (ULONG)length;
        if (!SystemFunction036(data, part))
            return FALSE;
        data += part;
        length -= part;
    }
    return TRUE;
}
