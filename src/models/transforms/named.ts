/** Statistics of ImageNet, OML's MEAN and STD. */
const MEAN = [0.485, 0.456, 0.406];
const STD = [0.229, 0.224, 0.225];
/** Those of CLIP, OML's MEAN_CLIP and STD_CLIP. */
const MEAN_CLIP = [0.48145466, 0.4578275, 0.40821073];
const STD_CLIP = [0.26862954, 0.26130258, 0.27577711];

type Numbers = number | readonly number[];

interface Arguments {
  readonly size: number;
  readonly crop: number;
  readonly mean: Numbers;
  readonly std: Numbers;
}

/** A transform that has a name. */
export interface NamedTransform {
  /** Its arguments; undefined for one that must be given. */
  readonly defaults: Readonly<Partial<Record<keyof Arguments, Numbers | undefined>>>;
  /** The steps, as they are written. */
  steps(given: Arguments): readonly object[];
}

const normalise = ({ mean, std }: Arguments) => ({ normalise: { mean, std } });
const fitSquare = ({ size }: Arguments) => [{ resize: { size, edge: 'longest', antialias: false } }, { pad: { size, value: 255 } }];
const square = ({ size }: Arguments) => ({ resize: { size: [size, size] } });
const centre = (size: number, crop: number) => [{ resize: { size, interpolation: 'bicubic' } }, { 'center-crop': { size: crop } }];

/**
 * The transforms without chance in OML's registry, under OML's names, with OML's values (oml/registry/transforms.py of 4.0.0; `size` is `im_size` there,
 * `crop` is `crop_size`).
 */
export const NAMED: Readonly<Record<string, NamedTransform>> = {
  norm_albu: { defaults: { mean: MEAN, std: STD }, steps: (given) => [normalise(given)] },
  norm_resize_albu: { defaults: { size: undefined, mean: MEAN, std: STD }, steps: (given) => [...fitSquare(given), normalise(given)] },
  norm_resize_albu_clip: {
    defaults: { size: undefined },
    steps: ({ size }) => NAMED.norm_resize_albu.steps({ size, crop: size, mean: MEAN_CLIP, std: STD_CLIP }),
  },
  norm_torch: { defaults: { mean: MEAN, std: STD }, steps: (given) => [normalise(given)] },
  norm_resize_torch: { defaults: { size: undefined, mean: MEAN, std: STD }, steps: (given) => [square(given), normalise(given)] },
  norm_resize_hypvit_torch: {
    defaults: { size: 224, crop: 224, mean: MEAN, std: STD },
    steps: (given) => [...centre(given.size, given.crop), normalise(given)],
  },
  unicom_transforms: {
    defaults: { size: undefined },
    steps: ({ size }) => [...centre(size, size), { normalise: { mean: MEAN_CLIP, std: STD_CLIP } }],
  },
};
